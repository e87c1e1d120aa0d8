Feature: When nobody can decide, nothing is done

  Background:
    Given payments-api crash-loops in production after a release

  Scenario Outline: The evaluator <how>
    Given the evaluator <how>
    When the agent proposes to restart payments-api
    Then the gate says that it could not decide, because <reason>
    And that it could not decide is on record
    And nothing was opened, merged or spent, and nobody was told of a fix

    Examples:
      | how              | reason                |
      | is gone          | evaluator unavailable |
      | answers too late | evaluator timeout     |
      | talks nonsense   | garbled decision      |

  @rule:contract/data_provided
  Scenario: Limits that are gone are no limits to keep to
    Given the limits of the blast radius are gone from the policy
    When alice proposes to restart ledger-worker
    Then it is refused: "policy data blast.limits.production.pods is missing"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: Rates that are gone leave nothing to count by
    Given the rates are gone from the policy
    When alice proposes to restart ledger-worker
    Then the gate says that it could not decide, because unfit bundle
    And that it could not decide is on record
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:approval/owner
  Scenario: A row that is gone from the approval matrix permits nothing
    Given the row of the approval matrix for moderate actions in production is gone
    When the agent proposes to roll back payments-api
    Then it is refused: "the approval matrix asks nobody"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: A gate that only watches opens nothing, whatever is decided
    Given the gate only watches and has no way to open anything
    When the agent proposes to restart payments-api
    Then it is only recorded
    And nothing was opened, merged or spent, and nobody was told of a fix
