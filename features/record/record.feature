Feature: The record holds, or everybody can see that it doesn't

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to restart payments-api

  Scenario: Its chain holds, and the merges carry its traces
    When an auditor holds the record against Git
    Then the record holds, and so do its traces in Git
    And the merge names the decision, the proposer and the record's tip

  Scenario: A rewritten entry is found
    When somebody rewrites an entry of the record
    And an auditor holds the record against Git
    Then the auditor is told: "the record is broken at record"

  Scenario: A tail that was cut off is found
    When an auditor is given a record that ends too early
    Then the auditor is told: "ends too early"
