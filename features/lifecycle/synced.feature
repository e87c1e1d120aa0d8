Feature: A merge is in Git, and only the GitOps controller can say that it is in the cluster

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api
    And alice approved it
    And bob approved it

  Scenario: It isn't believed before the cluster has the merged commit
    When the cluster recovers
    And Argo CD is still at the commit before the merge
    And the gate looks whether it helped
    And the gate looks whether it helped, 5 minutes later
    Then it ended as verifying
    And the incident is still open
    When Argo CD has applied the merge, and all is well
    And the gate looks whether it helped
    And the gate looks whether it helped, 2 minutes later
    Then it ended as succeeded
    And the incident is resolved, with a note that links the merge

  Scenario: What doesn't arrive in time is told, and nothing is undone for it
    When Argo CD is still at the commit before the merge
    And the gate looks whether it helped, 20 minutes later
    Then it ended as not_synced
    And people were told that it was not_synced
    And nobody was told that it was escalated
    And nothing was merged
    And the incident is still open

  Scenario: What is applied and doesn't get well has failed
    When Argo CD has applied the merge, and it is Degraded
    And the gate looks whether it helped
    And the gate looks whether it helped, 7 minutes later
    Then it ended as failed
    And people were told that it was escalated
    And the incident is still open
