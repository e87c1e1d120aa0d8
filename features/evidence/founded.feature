Feature: Automation says what it saw, and keeps to the runbook

  Background:
    Given payments-api crash-loops in production after a release

  @rule:evidence/cited
  Scenario: Without evidence nothing is proposed
    When the agent proposes to restart payments-api, citing nothing
    Then it is refused: "it cites 0 pieces of evidence"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:evidence/cited_exists
  Scenario: Evidence that nobody gathered counts for nothing
    When the agent proposes to restart payments-api, citing evidence that nobody gathered
    Then it is refused: "cited pieces of evidence don't exist"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:evidence/runbook_lists_action
  Scenario: An action that the runbook doesn't list
    When the agent proposes to scale payments-api to 4
    Then it is refused: "no runbook lists scale_workload"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:evidence/history_known
  Scenario: Changes that can't be looked at can't be ruled out
    Given the gate can't see the rollouts of the cluster
    When the agent proposes to restart payments-api
    Then it is refused: "recent changes of payments-api couldn't be read"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:incident/required
  Scenario: An agent answers an incident, or nothing
    When the agent proposes to restart payments-api, answering no incident
    Then it is refused: "names no incident that the gate knows"
    And nothing was opened, merged or spent, and nobody was told of a fix
