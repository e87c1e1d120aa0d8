Feature: Each action of a pull request is decided, and the worst answer is the check

  Background:
    Given payments-api crash-loops in production after a release
    And every pull request is gated
    And it is next Tuesday 09:00 in UTC
    And frank and grace work for team-payments

  Scenario: The worst of several actions is the answer
    When alice opens a pull request that gives ledger-worker 4 replicas
    And it also runs ledger-worker on image docker.io/library/worker:1.0.0
    And her pull request is reconciled
    Then the check is a failure: "action/image_allowed"
    And it is read as scale workload of Deployment payments/ledger-worker
    And it is read as set image of Deployment payments/ledger-worker

  Scenario: Approvals of several actions count for each of them
    When alice opens a pull request that gives ledger-worker 4 replicas
    And it also gives ledger-worker 512Mi of memory
    And her pull request is reconciled
    Then it is read as scale workload of Deployment payments/ledger-worker
    And it is read as set resources of Deployment payments/ledger-worker
    And the check is pending: "2 of team:team-payments"
    When bob and frank approve her pull request
    And her pull request is reconciled
    Then the check is a success: "Allowed"
