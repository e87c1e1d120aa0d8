Feature: An approval is for now, and can be taken back

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api

  Scenario: An approval that is too old has to be given again
    Given an approval counts for 60 minutes
    And alice approved it
    And 61 minutes pass
    When bob approves it
    Then it waits for one person of team:team-payments
    And nothing was merged
    And nobody was told of a fix

  Scenario: Whoever approved may still say no
    Given alice approved it
    When alice rejects it
    Then it ended as rejected
    And nothing was merged
    And no branch is left

  Scenario: A dismissed approval doesn't count
    Given alice approved it
    When alice's review is dismissed
    And bob approves it
    Then it waits for one person of team:team-payments
    And nothing was merged
