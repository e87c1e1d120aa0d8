Feature: What the runbook wants looked at first

  Background:
    Given payments-api crash-loops in production after a release

  @rule:evidence/preflight
  Scenario: A check that doesn't hold stops the action
    Given ledger-worker crash-loops as well
    And a rollout of ledger-worker is going on
    When the agent proposes to restart ledger-worker
    Then it is refused: "preflight check no_deploy_in_progress doesn't hold"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:evidence/preflight
  Scenario: A check that nobody can answer doesn't hold either
    Given the gate can't see the rollouts of the cluster
    When the agent proposes to restart payments-api
    Then it is refused: "preflight check recent_changes_looked_at doesn't hold or isn't known"
    And nothing was opened, merged or spent, and nobody was told of a fix
