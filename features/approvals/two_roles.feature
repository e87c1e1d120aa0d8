Feature: One person fills one place, whatever roles they hold

  Background:
    Given payments-api crash-loops in production after a release
    And heidi belongs to both team-payments and team-platform
    And it is next Tuesday 09:00 in UTC
    And alice already proposed to delete the quota of payments

  Scenario: Somebody of both teams is still one person
    When heidi approves it
    Then it still waits
    And nothing was merged

  Scenario: Two people fill both places, in either order
    When heidi approves it
    And bob approves it
    Then it merged

  Scenario: The proposer fills none of them
    When alice approves it
    And carol approves it
    Then it waits for one person of team:team-payments
    And nothing was merged
