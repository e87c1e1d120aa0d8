Feature: What a pull request does is decided like a proposal of its author

  Background:
    Given payments-api crash-loops in production after a release
    And every pull request is gated
    And it is next Tuesday 09:00 in UTC
    And frank and grace work for team-payments

  Scenario: An image that nobody vouched for
    When alice opens a pull request that runs ledger-worker on image docker.io/library/worker:1.0.0
    And her pull request is reconciled
    Then the check is a failure: "action/image_allowed"
    And it is read as set image of Deployment payments/ledger-worker
    And nothing was merged

  Scenario: Its owner's approval is missing, and then there
    When alice opens a pull request that gives ledger-worker 4 replicas
    And her pull request is reconciled
    Then it is read as scale workload of Deployment payments/ledger-worker
    And the check is pending: "of team:team-payments"
    When bob and frank approve her pull request
    And her pull request is reconciled
    Then the check is a success: "Allowed"
    And nothing was merged

  Scenario: Her own approval is none
    When alice opens a pull request that gives ledger-worker 4 replicas
    And her pull request is reconciled
    And alice approves her pull request
    And her pull request is reconciled
    Then the check is pending: "2 of team:team-payments"
    And nothing was merged

  Scenario: An approval of an earlier state is none of a later one
    When alice opens a pull request that gives ledger-worker 4 replicas
    And her pull request is reconciled
    And bob and frank approve her pull request
    And it is changed to give ledger-worker 5 replicas
    And her pull request is reconciled
    Then the check is pending: "2 of team:team-payments"
    And nothing was merged

  Scenario: Somebody whom nobody knows wrote a commit of it
    When alice opens a pull request that gives ledger-worker 4 replicas
    And mallory pushes that it also gives ledger-worker 512Mi of memory
    And her pull request is reconciled
    And bob and frank approve her pull request
    And her pull request is reconciled
    Then the check is pending: "2 of team:team-payments"
    And nothing was merged
