Feature: What guards the number of pods is heeded

  Background:
    Given payments-api crash-loops in production after a release

  @rule:blast_radius/disruption_budget
  Scenario: A disruption budget that a restart would break
    Given the disruption budget of payments-api wants 4 pods
    When alice proposes to restart payments-api
    Then it is refused: "a disruption budget would be violated"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: A disruption budget that it respects
    Given the disruption budget of payments-api wants 3 pods
    When the agent proposes to restart payments-api
    Then it merged alone, and the owner was told of the fix

  @rule:blast_radius/autoscaler
  Scenario: An autoscaler already owns the number
    When alice proposes to scale payments-api to 5
    Then it is refused: "the autoscaler's effect is conflict"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:blast_radius/unknown
  Scenario: Automation doesn't touch what it can't see around
    Given the gate can't see the pods of the cluster
    When the agent proposes to restart payments-api
    Then it is refused: "not known of its blast radius"
    And nothing was opened, merged or spent, and nobody was told of a fix
