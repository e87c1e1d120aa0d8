Feature: What looks like an incident during a planned event is probably the event

  Background:
    Given payments-api crash-loops in production after a release

  @rule:calendar/planned_event
  Scenario Outline: Automation keeps out while it goes on
    Given a <event> of payments is planned from Saturday 03:00 to Saturday 06:00
    When the agent proposes to restart payments-api
    Then it is refused: "goes on until"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

    Examples:
      | event       |
      | load test   |
      | maintenance |
      | deploy      |

  Scenario: A person may still act
    Given a load test of payments is planned from Saturday 03:00 to Saturday 06:00
    When alice proposes to restart ledger-worker
    Then it merged alone, and the owner was told of the fix

  Scenario: An event that is over, or elsewhere, is none
    Given a load test of payments is planned from Saturday 01:00 to Saturday 03:00
    When the agent proposes to restart payments-api
    Then it merged alone, and the owner was told of the fix

  @rule:calendar/planned_event
  Scenario: An event that can't be read might be going on
    Given a planned event of payments has no times that can be read
    When the agent proposes to restart payments-api
    Then it is refused: "can't be read, so it might be going on"
    And nothing was opened, merged or spent, and nobody was told of a fix
