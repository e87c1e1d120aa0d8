Feature: An action is done when it has helped, not when it was merged

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api
    And alice approved it
    And bob approved it

  Scenario: It has to hold for a while
    When the cluster recovers
    And the gate looks whether it helped
    Then it ended as verifying
    And the incident is still open
    When the gate looks whether it helped, 2 minutes later
    Then it ended as succeeded
    And the incident is resolved, with a note that links the merge
    And people were told that it was resolved

  Scenario: When it doesn't help people are told, and its inverse waits for them
    When the gate looks whether it helped, 7 minutes later
    Then it ended as failed
    And people were told that it was escalated
    And the incident is still open
    And nothing was merged
    And nobody was told of a fix
