Feature: A freeze stops what it is about

  Background:
    Given payments-api crash-loops in production after a release

  @rule:change_window/freeze
  Scenario: A freeze of everything stops even a safe fix
    Given a freeze of payments for everything from Friday 00:00 to Sunday 00:00
    When the agent proposes to restart payments-api
    Then it is refused: "freeze busy holds until"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: A freeze of moderate actions lets a safe fix through
    Given a freeze of payments for moderate and advanced actions from Friday 00:00 to Sunday 00:00
    When the agent proposes to restart payments-api
    Then it merged alone, and the owner was told of the fix

  @rule:change_window/freeze
  Scenario: It stops a rollback too, however critical the incident
    Given a freeze of payments for moderate and advanced actions from Friday 00:00 to Sunday 00:00
    When the agent proposes to roll back payments-api
    Then it is refused: "freeze busy holds until"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:change_window/freeze
  Scenario: A freeze that can't be read holds
    Given a freeze of payments that doesn't say when it ends
    When the agent proposes to restart payments-api
    Then it is refused: "can't be read, so it holds"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: A freeze of another namespace stops nothing here
    Given a freeze of checkout for everything from Friday 00:00 to Sunday 00:00
    When the agent proposes to restart payments-api
    Then it merged alone, and the owner was told of the fix

  Scenario: A freeze that begins while a proposal waits stops its merge
    Given the agent already proposed to roll back payments-api
    And a freeze of payments for moderate and advanced actions from Friday 00:00 to Sunday 00:00
    When alice approves it
    And bob approves it
    Then it still waits
    And nothing was merged
    And nobody was told of a fix
