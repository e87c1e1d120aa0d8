Feature: A storm of signals is one incident

  Scenario: Hundreds of signals of one crash
    Given payments-api crash-loops in production after a release
    When 800 more signals of the same crash arrive
    Then there is one incident of this crash
    And it counts 800 signals and keeps few of them
    And nothing was opened, merged or spent, and nobody was told of a fix
