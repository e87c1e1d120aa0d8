Feature: What nobody knows isn't done

  Background:
    Given payments-api crash-loops in production after a release

  @rule:action/known_kind @rule:action/kind_for_proposer
  Scenario: An action that the catalogue doesn't have
    When the agent proposes to reboot the universe of payments-api
    Then it is refused: "is not an action the catalogue knows"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:action/known_kind
  Scenario: It isn't done for a person either
    When alice proposes to reboot the universe of payments-api
    Then it is refused: "is not an action the catalogue knows"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:contract/authenticated
  Scenario: Nobody is believed who only says who they are
    When somebody who only says that they are alice proposes to restart ledger-worker
    Then it is refused: "proposer alice is not authenticated"
    And nothing was opened, merged or spent, and nobody was told of a fix
