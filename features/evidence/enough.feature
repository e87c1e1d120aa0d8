Feature: One signal is not enough to go alone, and enough attempts are enough

  @rule:evidence/more_than_one_signal
  Scenario: With one signal somebody has to look
    Given only one pod was seen to crash, once
    When the agent proposes to restart payments-api
    Then somebody is asked for, since "1 of team:team-payments"
    And nothing was merged

  @rule:evidence/attempts @rule:evidence/stop_condition
  Scenario: After two restarts that didn't end it, people take over
    Given payments-api crash-loops in production after a release
    And the agent already proposed to restart payments-api
    And 10 minutes pass
    And the agent already proposed to restart payments-api
    And 10 minutes pass
    When the agent proposes to restart payments-api
    Then it is refused: "2 attempts of 2 were made"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:evidence/stop_condition
  Scenario: An incident that came back is not automation's any more
    Given payments-api crash-loops in production after a release
    And the incident was over and came back
    When the agent proposes to restart payments-api
    Then it is refused: "stop condition incident_reopened is met"
    And nothing was opened, merged or spent, and nobody was told of a fix
