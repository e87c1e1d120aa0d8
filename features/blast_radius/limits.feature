Feature: No action reaches further than the limits, whoever wants it

  Background:
    Given payments-api crash-loops in production after a release

  @rule:blast_radius/pods
  Scenario: Too many pods
    Given 31 pods of ledger-worker run
    When alice proposes to restart ledger-worker
    Then it is refused: "31 pods would feel it"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:blast_radius/workloads
  Scenario: Too many workloads
    Given an action in production may reach 1 workload
    When alice proposes to set LOG_LEVEL of the configuration of payments to debug
    Then it is refused: "workloads would feel it"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:blast_radius/share
  Scenario: Most of what runs there, at once
    Given an action in production may reach 10 % of the pods
    When alice proposes to set LOG_LEVEL of the configuration of payments to debug
    Then it is refused: "% of the pods would feel it"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:blast_radius/namespaces
  Scenario: Too many namespaces
    Given an action in production may reach 1 namespace
    When alice proposes to drain the node prod-eu-a-1
    Then it is refused: "namespaces would feel it"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:blast_radius/dependents
  Scenario Outline: Too much depends on it
    Given <count> other workloads of <namespace> call payments-api
    When alice proposes to restart payments-api
    Then it is refused: "<why>"
    And nothing was opened, merged or spent, and nobody was told of a fix

    Examples:
      | count | namespace | why                               |
      | 20    | checkout  | workloads depend on it            |
      | 4     | payments  | critical workloads depend on it   |
