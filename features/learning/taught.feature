Feature: People teach a runbook what an incident showed, and automation never does

  Background:
    Given payments-api crash-loops in production after a release
    And the runbooks live in the GitOps repository
    And it is next Tuesday 09:00 in UTC

  @rule:tier/base
  Scenario: What was learned waits for those who answer for it
    When the incident is resolved by hand
    And alice accepts its post-mortem
    Then it waits for one person of team:team-payments
    And the pull request says "Teach crash-loop what"
    And the runbook would know the incident again
    And nothing was merged

  @rule:action/kind_for_proposer
  Scenario: Automation doesn't write the runbooks that it goes by
    When the incident is resolved by hand
    And the agent accepts its post-mortem
    Then it is refused: "may not propose learn_incident"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:change/verified
  Scenario: An incident that still goes on has taught nothing yet
    When alice accepts its post-mortem
    Then it is refused: "the change couldn't be built"
    And nothing was opened, merged or spent, and nobody was told of a fix
