Feature: More than one signal speaks for an incident before it is acted upon

  @rule:evidence/preflight
  Scenario: Only one signal was seen
    Given only one pod was seen to crash, once
    When the agent proposes to roll back payments-api
    Then it is refused: "preflight check more_than_one_signal doesn't hold"
    And nothing was opened, merged or spent, and nobody was told of a fix
