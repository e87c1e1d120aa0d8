Feature: A question that can't be understood is answered with no

  Background:
    Given payments-api crash-loops in production after a release
    And frank and grace work for team-checkout
    And grace already proposed to roll back storefront

  Scenario: The question as it was asked is answered
    When policy is asked about it with nothing altered
    Then the answer is not a refusal

  @rule:contract/schema_version
  Scenario: A version that nobody knows
    When policy is asked about it with a version that nobody knows
    Then the answer is no: "schema version 99"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:contract/complete
  Scenario: A stage that nobody knows
    When policy is asked about it with a stage that nobody knows
    Then the answer is no: "stage is missing or is not what the schema says"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:contract/complete @rule:target/exists
  Scenario: Facts that are missing
    When policy is asked about it with no facts about the target
    Then the answer is no: "facts.target is missing"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:contract/complete @rule:switch/frozen
  Scenario: A switch that can't be read counts as frozen
    When policy is asked about it with no word on the switch
    Then the answer is no: "switch.mode is missing"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:receipt/matches
  Scenario: At the door of the cluster without a receipt
    When policy is asked about it with no receipt, at the door of the cluster
    Then the answer is no: "there is no receipt"
    And nothing was opened, merged or spent, and nobody was told of a fix
