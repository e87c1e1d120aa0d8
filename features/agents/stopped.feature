Feature: An agent is stopped at once, and no other with it

  Background:
    Given payments-api crash-loops in production after a release
    And triage and scout are agents of team-sre

  Scenario: Disabled, and enabled again
    When dana disables scout
    And scout knocks to roll back payments-api
    Then the door is shut: "agent:scout was disabled"
    And nothing was opened, merged or spent, and nobody was told of a fix
    When triage knocks to roll back payments-api
    Then it awaits approval
    When dana enables scout
    And scout knocks to roll back payments-api
    Then the door was open
    And the record says who stopped scout, and holds no token

  Scenario: Expired
    Given scout ended yesterday
    When scout knocks to roll back payments-api
    Then the door is shut: "agent:scout expired at"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: A token that was replaced
    When dana renews scout, and somebody still has the token before
    And scout knocks to roll back payments-api
    Then the door is shut: "no valid token was given"
    And nothing was opened, merged or spent, and nobody was told of a fix
