Feature: Plans come from a pipeline, for a workspace that somebody vouched for

  Background:
    Given it is next Tuesday 09:00 in UTC

  @rule:target/exists
  Scenario: A workspace that nobody vouched for
    When the pipeline brings a plan for elsewhere that resizes a machine, made against state 41
    Then it is refused: "there is no Workspace"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:action/kind_for_proposer
  Scenario: An agent brings no plans
    Given the workspace shop runs production for team-payments
    When the agent brings a plan for shop that resizes a machine
    Then it is refused: "may not propose apply_plan"
    And nothing was opened, merged or spent, and nobody was told of a fix
