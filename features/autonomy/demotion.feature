Feature: Where automation was wrong, people approve each fix until one of them has looked

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to restart payments-api

  @rule:autonomy/phase
  Scenario: An action that didn't help demotes at once, without anybody merging anything
    Given ledger-worker crash-loops as well
    When the gate looks whether it helped, 7 minutes later
    Then it ended as failed
    And people were told that it was demoted
    When the agent proposes to restart ledger-worker
    Then it waits for one person of team:team-payments
    And nothing was merged
    And nobody was told of a fix

  @rule:autonomy/phase
  Scenario: So does one that a person says should never have been proposed
    When alice judges it wrong
    Then people were told that it was demoted
    When the agent proposes again to restart payments-api
    Then it waits for one person of team:team-payments
    And nothing was merged

  Scenario: One that a person says was right demotes nothing
    When alice judges it right
    Then nobody was told that automation was demoted

  Scenario: People clear that very demotion in policy data
    Given alice judged it wrong
    And people cleared that in the policy data
    When the agent proposes again to restart payments-api
    Then it merged alone, and the owner was told of the fix

  @rule:autonomy/phase
  Scenario: Clearing an earlier one clears nothing
    Given alice judged it wrong
    And people cleared another one in the policy data
    When the agent proposes again to restart payments-api
    Then it waits for one person of team:team-payments
    And nothing was merged
