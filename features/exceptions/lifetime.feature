Feature: An exception can't last for ever

  @rule:exception/well_formed
  Scenario: One that lasts longer than is permitted isn't honoured
    Given payments-api crash-loops in production after a release
    And the longest exception is 3 days
    And an exception from the planned events for payments until Sunday 12:00
    When the agent proposes to restart payments-api
    Then it is refused: "exception agreed has a longer life than data permits"
    And no exception was used
    And nothing was opened, merged or spent, and nobody was told of a fix
