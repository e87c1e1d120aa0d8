Feature: Who approves before the gate has spoken is told that it doesn't count

  Background:
    Given payments-api crash-loops in production after a release
    And every pull request is gated
    And it is next Tuesday 09:00 in UTC
    And frank and grace work for team-payments

  Scenario: An approval that was there first
    When alice opens a pull request that gives ledger-worker 4 replicas
    And bob and frank approve her pull request
    And her pull request is reconciled
    Then the check is pending: "2 of team:team-payments"
    And the comment says "- bob: it was given before a decision was shown"
    And the comment says "It can be given again"
    And nothing was merged

  Scenario: Given again, it counts, and nothing is said of the first
    When alice opens a pull request that gives ledger-worker 4 replicas
    And bob approves her pull request
    And her pull request is reconciled
    And bob and frank approve her pull request
    And her pull request is reconciled
    Then the check is a success: "Allowed"
    And the comment doesn't say "before a decision was shown"
    And nothing was merged
