Feature: A no of somebody whose yes would count ends it

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api

  @rule:approval/rejected
  Scenario: The owner says no
    When alice rejects it
    Then it ended as rejected
    And nothing was merged
    And no branch is left
    And no budget is held any more
    And nobody was told of a fix

  Scenario: A second person's yes doesn't outvote it
    Given bob approved it
    When alice rejects it
    Then it ended as rejected
    And nothing was merged

  Scenario: A stranger's no is only shown
    When mallory rejects it
    Then it still waits
    And nothing was merged
