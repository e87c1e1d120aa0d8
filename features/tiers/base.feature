Feature: Each kind of action starts from a tier, and rules only ever raise it

  Background:
    Given payments-api crash-loops in production after a release

  Scenario: A restart of a stateless workload is safe
    When the agent proposes to restart payments-api
    Then it counts as safe
    And it merged alone, and the owner was told of the fix

  @rule:tier/base
  Scenario: A rollback is moderate, so people have to want it
    When the agent proposes to roll back payments-api
    Then it counts as moderate
    And it waits for two people of team:team-payments
    And nothing was merged

  @rule:tier/production
  Scenario: Scaling is safe in staging and moderate in production
    When alice proposes to scale ledger-worker to 4
    Then it counts as moderate
    And nothing was merged

  Scenario: Escalating changes nothing and is always possible
    When the agent proposes to escalate payments-api
    Then it counts as none
    And it is only recorded
    And nothing was opened, merged or spent, and nobody was told of a fix
