Feature: A change touches what it is about and nothing else

  @rule:change/size
  Scenario: A change too long to review at a glance
    Given payments-api crash-loops in production after a release
    And a change may be at most 1 line long
    When the agent proposes to restart payments-api
    Then it is refused: "lines, more than 1"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:change/verified
  Scenario: History holds nothing to roll back to
    Given it is next Tuesday 09:00 in UTC
    And frank and grace work for team-checkout
    When grace proposes to roll back cart
    Then it is refused: "the change couldn't be built"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: A rollback sets one tag in one file
    Given payments-api crash-loops in production after a release
    When the agent proposes to roll back payments-api
    Then the change touches only kustomization.yaml
    And nothing was merged
