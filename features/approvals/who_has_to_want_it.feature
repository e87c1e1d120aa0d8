Feature: Who has to want an action

  Background:
    Given payments-api crash-loops in production after a release
    And frank and grace work for team-checkout

  @rule:approval/owner
  Scenario: Two of the owning team, where the target is critical
    When the agent proposes to roll back payments-api
    Then it waits for two people of team:team-payments
    When alice approves it
    Then it waits for one person of team:team-payments
    And nothing was merged
    When bob approves it
    Then it merged

  Scenario: One of the owning team, where it is not
    When grace proposes to roll back storefront
    Then it waits for one person of team:team-checkout
    When frank approves it
    Then it merged

  @rule:approval/platform @rule:approval/admin
  Scenario: A network boundary wants the owner, the platform team and an administrator
    Given it is next Tuesday 09:00 in UTC
    When alice proposes to let platform reach port 5432 through the network policy of payments-db
    Then it waits for one person of role:admin
    And it waits for one person of team:team-platform
    When bob approves it
    And carol approves it
    Then it waits for one person of role:admin
    And nothing was merged
    When erin approves it
    Then it merged

  @rule:approval/commander
  Scenario: Moving traffic wants the incident's commander
    Given dana is in command of the incident
    When the agent proposes to fail over the service of payments-api to standby
    Then somebody is asked for, since "1 of role:incident-commander"
    And nothing was merged
