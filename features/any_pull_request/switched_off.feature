Feature: Other people's pull requests are left alone until somebody says otherwise

  Scenario: Off by default
    Given payments-api crash-loops in production after a release
    When alice opens a pull request that gives ledger-worker 4 replicas
    And her pull request is reconciled
    Then it has no check and no comment
    And nothing more was decided
