Feature: Drift is put back, but never during an incident

  @rule:incident/drift_during_incident
  Scenario: What drifted may be somebody's emergency fix
    Given payments-api crash-loops in production after a release
    When the drift watch proposes to undo the drift of the autoscaler of payments-api
    Then it is refused: "incidents are open on the target"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: With no incident it waits for its owner, within a window
    Given it is next Tuesday 09:00 in UTC
    When the drift watch proposes to undo the drift of the autoscaler of payments-api
    Then it waits for two people of team:team-payments
    And nothing was merged
    And nobody was told of a fix

  @rule:action/kind_for_proposer
  Scenario: The drift watch does nothing else
    Given it is next Tuesday 09:00 in UTC
    When the drift watch proposes to restart ledger-worker
    Then it is refused: "a proposer of kind drift may not propose restart_workload"
    And nothing was opened, merged or spent, and nobody was told of a fix
