Feature: Drift ends by itself when the cluster is as Git says again

  Background:
    Given it is next Tuesday 09:00 in UTC
    And somebody set the maximum of the autoscaler of payments-api to 14 in the cluster
    When the drift watch makes its pass
    Then it proposes to write down the autoscaler of payments-api

  Scenario: It is over, and what was proposed against it is too
    When somebody sets the maximum of the autoscaler of payments-api to 8 in the cluster
    And the drift watch makes its pass again
    Then the drift of the autoscaler of payments-api is over, and the record says why
    When the pull request is reconciled
    Then it ended as closed
    And its note says "The incident is over"
    And nothing was merged

  Scenario: While it lasts it isn't over
    When the drift watch makes its pass again
    Then the drift of the autoscaler of payments-api goes on

  Scenario: One that comes back is drift again
    When somebody sets the maximum of the autoscaler of payments-api to 8 in the cluster
    And the drift watch makes its pass again
    And somebody sets the maximum of the autoscaler of payments-api to 15 in the cluster
    And the drift watch makes its pass again
    Then the drift of the autoscaler of payments-api goes on
    And nothing was merged

  Scenario: What somebody else sees as well isn't over
    Given somebody else says of the autoscaler of payments-api that it isn't as Git says
    When somebody sets the maximum of the autoscaler of payments-api to 8 in the cluster
    And the drift watch makes its pass again
    Then the drift of the autoscaler of payments-api goes on
