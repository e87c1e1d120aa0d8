Feature: Some actions need an incident that is alive, and somebody in command

  Background:
    Given payments-api crash-loops in production after a release

  @rule:incident/open
  Scenario: An incident that is over is no reason to act
    Given the incident is over
    When the agent proposes to restart payments-api
    Then it is refused: "the incident is resolved"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:incident/commander_present
  Scenario: Nobody moves traffic without a commander
    When alice proposes to fail over the service of payments-api to standby
    Then it is refused: "fail_over needs a commander of the incident"
    And nothing was opened, merged or spent, and nobody was told of a fix
