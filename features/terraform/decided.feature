Feature: A plan is decided by the gravest thing in it

  Background:
    Given it is next Tuesday 09:00 in UTC
    And the workspace shop runs production for team-payments
    And the workspace shop-staging runs staging for team-payments

  Scenario: Resizing a machine outside production
    When the pipeline brings a plan for shop-staging that resizes a machine, made against state 41
    Then it counts as moderate
    And it waits for one person of team:team-payments
    And nothing was merged

  @rule:tier/production
  Scenario: In production any plan is advanced
    When the pipeline brings a plan for shop that resizes a machine, made against state 41
    Then it counts as advanced
    And nothing was merged

  @rule:terraform/sensitive
  Scenario Outline: Access and network are advanced everywhere
    When the pipeline brings a plan for shop-staging that <does>, made against state 41
    Then it counts as advanced
    And nothing was merged

    Examples:
      | does                   |
      | grants a role          |
      | opens a security group |

  @rule:terraform/unknown_type
  Scenario: So is what nobody looked at
    When the pipeline brings a plan for shop-staging that runs a program, made against state 41
    Then it counts as advanced
    And nothing was merged

  @rule:terraform/destroys
  Scenario: And so is what takes something away
    When the pipeline brings a plan for shop-staging that removes a machine, made against state 41
    Then it counts as advanced
    And nothing was merged

  @rule:terraform/loses_data
  Scenario: Data isn't lost, whoever approves
    When the pipeline brings a plan for shop-staging that replaces the database, made against state 41
    Then it is refused: "which keeps data"
    And each refusal says what to do instead
    And nothing was opened, merged or spent, and nobody was told of a fix
