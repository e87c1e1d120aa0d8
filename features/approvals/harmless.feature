Feature: What changes nothing that was approved asks nobody again

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api
    And alice approved it

  Scenario: The gate's own push of the same edits
    When another agent proposes to roll back payments-api
    And bob approves it
    Then it merged

  Scenario: A policy by which the same rules ask
    When a change of policy raises an allowance
    And bob approves it
    Then it merged
