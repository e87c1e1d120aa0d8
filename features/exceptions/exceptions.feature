Feature: An exception sets a rule aside for a while, visibly

  Background:
    Given payments-api crash-loops in production after a release

  Scenario: It is used, and counted
    Given a load test of payments is planned from Saturday 03:00 to Saturday 06:00
    And an exception from the planned events for payments until Sunday 12:00
    When the agent proposes to restart payments-api
    Then it merged alone, and the owner was told of the fix
    And the exception OPS-411 was used and is counted

  @rule:calendar/planned_event
  Scenario: When it has ended it does nothing
    Given a load test of payments is planned from Saturday 03:00 to Saturday 06:00
    And an exception from the planned events for payments until Saturday 03:00
    When the agent proposes to restart payments-api
    Then it is refused: "goes on until"
    And no exception was used
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: It does nothing for another namespace
    Given a load test of payments is planned from Saturday 03:00 to Saturday 06:00
    And an exception from the planned events for checkout until Sunday 12:00
    When the agent proposes to restart payments-api
    Then it is refused: "goes on until"
    And no exception was used
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:reversibility/data_loss
  Scenario: It does nothing for a rule that nothing sets aside
    Given an exception from the loss of data for payments until Sunday 12:00
    When the agent proposes to delete the volume of payments-db
    Then it is refused: "would lose data"
    And no exception was used
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:exception/well_formed
  Scenario Outline: One that names no <field> isn't honoured, and is said to be wrong
    Given an exception from the planned events for payments that names no <field>
    When the agent proposes to restart payments-api
    Then it is refused: "exception agreed has no <field>"
    And no exception was used
    And nothing was opened, merged or spent, and nobody was told of a fix

    Examples:
      | field  |
      | owner  |
      | reason |
      | ticket |
