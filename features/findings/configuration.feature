Feature: A release is no safer than the configuration that it reads

  Background:
    Given payments-api crash-loops in production after a release

  @rule:change/configuration_approved
  Scenario: What isn't approved yet holds back what reads it
    Given Git says that the configuration of payments-api is pending
    When the agent proposes to roll back payments-api
    Then it is refused: "ConfigMap/payments-config isn't approved yet"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: Once it is approved the change goes its way
    Given Git says that the configuration of payments-api is approved
    When the agent proposes to roll back payments-api
    Then it waits for two people of team:team-payments

  Scenario: A word that nobody agreed on is no approval
    Given Git says that the configuration of payments-api is fine-by-me
    When the agent proposes to roll back payments-api
    Then it is refused: "it isn't known what the target reads, or whether that was approved"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: Where every item has to carry a status, none is no approval
    Given the policy tolerates no configuration without a status
    When the agent proposes to roll back payments-api
    Then it is refused: "ConfigMap/payments-config carries no approval status"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: What the cluster says of it doesn't count
    Given Git says that the configuration of payments-api is pending
    And somebody marked it as approved in the cluster
    When the agent proposes to roll back payments-api
    Then it is refused: "ConfigMap/payments-config isn't approved yet"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: What the change's own pull request says doesn't count
    Given Git says that the configuration of ledger-worker is pending
    And every pull request is gated
    When alice opens a pull request that gives ledger-worker 4 replicas
    And it also approves the configuration of payments
    And her pull request is reconciled
    Then the check is a failure: "Refused"
    And it is read as scale workload of Deployment payments/ledger-worker
    And the comment says "ledger-worker: Refused (tier 2, moderate) by change/configuration_approved"
    And nothing was merged
