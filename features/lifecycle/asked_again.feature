Feature: People are asked again when something else is wanted, and never twice for the same

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api
    And the pull request was reconciled
    And alice approved it

  Scenario: What they approved is something else now
    When changes of policy make rolling back want an administrator
    And the pull request is reconciled
    Then alice was asked once more
    And it waits for one person of role:admin
    And nothing was merged

  Scenario: However often it is looked at
    When changes of policy make rolling back want an administrator
    And the pull request is reconciled 3 more times
    And alice approves it again
    And the pull request is reconciled 3 more times
    Then alice was asked once more
    And nothing was merged

  Scenario: Fewer people missing is no reason to ask
    When the pull request is reconciled 2 more times
    Then nobody was asked once more
    And nothing was merged

  Scenario: The same proposed again is no reason to ask
    When another agent proposes to roll back payments-api
    And the pull request is reconciled 2 more times
    Then nobody was asked once more
    And the word of alice counts
    And nothing was merged
