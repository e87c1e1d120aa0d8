Feature: An incident lends its runbook to its own objects alone

  Background:
    Given payments-api crash-loops in production after a release

  @rule:incident/concerns_target
  Scenario: One crash loop is no reason to restart another workload
    When the agent proposes to restart ledger-worker
    Then it is refused: "ledger-worker is no object of the incident that was named"
    And each refusal says what to do instead
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: With an incident of its own it is restarted
    Given ledger-worker crash-loops as well
    When the agent proposes to restart ledger-worker
    Then it merged alone, and the owner was told of the fix

  @rule:incident/concerns_target
  Scenario: Its own incident isn't exchanged for a graver one
    Given ledger-worker crash-loops as well
    When the agent proposes to restart ledger-worker, answering the other incident
    Then it is refused: "ledger-worker is no object of the incident that was named"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:incident/concerns_target
  Scenario: The same name in another namespace is another object
    When the agent proposes to roll back payments-api in staging
    Then it is refused: "payments-api is no object of the incident that was named"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:incident/concerns_target
  Scenario: What can't be looked at isn't the incident's either
    Given the gate can't see the services of the cluster
    When the agent proposes to restart payments-db
    Then it is refused: "it isn't known whether the incident that was named concerns the target"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: Its configuration is its own
    Given it is next Tuesday 09:00 in UTC
    When the agent proposes to set LOG_LEVEL of the configuration of payments to debug
    Then nothing is said of an incident that was borrowed
    And nothing was merged
