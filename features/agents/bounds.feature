Feature: An agent is bounded by what it is there for, whatever policy would say

  Background:
    Given payments-api crash-loops in production after a release
    And triage and scout are agents of team-sre

  Scenario: What it isn't there for
    Given scout is there for restart_workload alone
    When scout knocks to roll back payments-api
    Then the door is shut: "agent:scout isn't there for rollback_workload"
    And nothing was opened, merged or spent, and nobody was told of a fix
    When triage knocks to roll back payments-api
    Then it awaits approval

  Scenario: A namespace that is none of its business
    Given scout sees checkout alone
    When scout knocks to roll back payments-api
    Then the door is shut: "agent:scout has no business in payments"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: One agent that proposes all the time uses up its own hour and no other's
    Given scout may propose once an hour
    When scout knocks to restart payments-api
    And scout knocks to roll back payments-api
    Then the door is shut: "agent:scout may propose 1 times an hour"
    And nothing was opened, merged or spent, and nobody was told of a fix
    When triage knocks to roll back payments-api
    Then it awaits approval
    When an hour passes for the agents
    And scout knocks to restart payments-api
    Then the door was open
