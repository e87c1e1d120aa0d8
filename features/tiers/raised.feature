Feature: What is not known, holds state or touches many is no longer safe

  Background:
    Given payments-api crash-loops in production after a release

  @rule:tier/stateful
  Scenario: Restarting a database isn't safe
    When the agent proposes to restart payments-db
    Then it counts as moderate
    And nothing was merged

  @rule:tier/over_safe_radius
  Scenario: Restarting more pods than a safe action touches isn't safe
    Given 11 pods of payments-api run
    When the agent proposes to restart payments-api
    Then it counts as moderate
    And it waits for two people of team:team-payments
    And nothing was merged

  Scenario: Ten pods are the most that a safe action touches
    Given 10 pods of payments-api run
    When the agent proposes to restart payments-api
    Then it counts as safe

  @rule:tier/unknown_blast
  Scenario: What can't be seen counts as large
    Given the gate can't see the pods of the cluster
    When alice proposes to restart ledger-worker
    Then it counts as moderate
    And nothing was merged
