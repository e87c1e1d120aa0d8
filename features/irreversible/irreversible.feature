Feature: What can't be undone is advanced, and automation never loses data

  Background:
    Given payments-api crash-loops in production after a release

  @rule:tier/irreversible
  Scenario: A volume that grew can't shrink again
    When alice proposes to enlarge the volume of payments-db to 30Gi
    Then it counts as advanced
    And nothing was merged

  @rule:reversibility/data_loss
  Scenario: The agent may not delete a database's volume
    When the agent proposes to delete the volume of payments-db
    Then it is refused: "would lose data"
    And each refusal says what to do instead
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: Deleting what Git alone makes can be undone
    Given it is next Tuesday 09:00 in UTC
    When alice proposes to delete the quota of payments
    Then it counts as advanced
    And it waits for one person of team:team-platform
    And nothing was merged
