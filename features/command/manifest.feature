Feature: A manifest that an agent would apply is what it changes of Git

  Background:
    Given payments-api crash-loops in production after a release

  Scenario: One field that an action can change
    When the agent means to apply payments-api as Git has it, with 7 replicas
    Then it means to scale_workload
    And it is told to leave it, because "no runbook lists scale_workload"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: Nothing that isn't in Git already
    When the agent means to apply payments-api as Git has it
    Then it isn't understood: nothing_changes

  Scenario: More than actions can change
    When the agent means to apply payments-api as Git has it, on the host's network
    Then it isn't understood: no_action_kind
    And it is told what to do instead
    And no policy was asked
