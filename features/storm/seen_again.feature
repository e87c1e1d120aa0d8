Feature: What is seen again is the same incident

  Scenario: Looking twice makes no second incident
    Given payments-api crash-loops in production after a release
    When the cluster is observed again
    Then there is one incident of this crash
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: A healthy cluster has no incident
    Given the cluster is as it was before the release
    When the cluster is observed again
    Then there is no incident
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: It stays one while it is acted upon
    Given payments-api crash-loops in production after a release
    And the agent already proposed to restart payments-api
    When the cluster is observed again
    Then there is one incident of this crash
    And nothing was opened, merged or spent, and nobody was told of a fix
