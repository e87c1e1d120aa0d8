Feature: What was approved is what merges, whatever happens to the branch

  Background:
    Given payments-api crash-loops in production after a release
    And people commit under addresses that policy knows
    And the agent already proposed to roll back payments-api

  Scenario Outline: Who is named by a commit of the branch can't approve it
    When a commit is pushed to the branch, by <pushed>
    And alice approves it
    And bob approves it
    Then the word of bob doesn't count: "who wrote a commit of the branch can't approve it"
    And nothing was merged
    And no budget was committed

    Examples:
      | pushed         |
      | bob            |
      | carol with bob |

  Scenario: A commit in a name that nobody knows leaves nobody who could
    When a commit is pushed to the branch, by mallory
    And alice approves it
    Then the word of alice doesn't count: "a commit of the branch is by somebody whom nobody knows"
    And nothing was merged
    And no budget was committed

  Scenario: A commit under somebody else's address is held against who is named
    When a commit is pushed to the branch, by alice
    And alice approves it
    And bob approves it
    Then the word of alice doesn't count: "who wrote a commit of the branch can't approve it"
    And nothing was merged
    And no budget was committed

  @rule:receipt/matches
  Scenario: A branch that was replaced after its approvals
    Given alice approved it
    When the branch is replaced by another one
    And bob approves it
    Then it still waits
    And nothing was merged
    And no budget was committed

  @rule:receipt/matches
  Scenario: A pull request that was pointed at another branch after its approvals
    Given alice approved it
    When the pull request is pointed at another branch
    And bob approves it
    Then the word of alice doesn't count: "it was given for another base branch"
    And nothing was merged
    And no budget was committed
