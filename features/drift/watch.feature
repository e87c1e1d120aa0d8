Feature: The drift watch proposes what data says, and lets nobody's hand slip by

  Scenario: A count that somebody set by hand is put back
    Given it is next Tuesday 09:00 in UTC
    And somebody set the count of image-mirror to 7 in the cluster
    When the drift watch makes its pass
    Then it proposes to put back image-mirror
    And nothing was merged
    And it says that it only compared, and what it couldn't look at

  Scenario: Bounds that whoever is on call widened are written down
    Given it is next Tuesday 09:00 in UTC
    And somebody set the maximum of the autoscaler of payments-api to 14 in the cluster
    When the drift watch makes its pass
    Then it proposes to write down the autoscaler of payments-api
    And it waits for two people of team:team-payments
    And nothing was merged

  Scenario: What is under way isn't proposed again, so its approvals stand
    Given it is next Tuesday 09:00 in UTC
    And somebody set the maximum of the autoscaler of payments-api to 14 in the cluster
    When the drift watch makes its pass
    And the drift watch makes its pass again
    Then nothing more is proposed

  Scenario: What an autoscaler sets is noise
    Given it is next Tuesday 09:00 in UTC
    And somebody set the count of payments-api to 9 in the cluster
    When the drift watch makes its pass
    Then the count of payments-api is noise, and nothing is proposed of it
    And nothing was merged

  @rule:incident/drift_during_incident
  Scenario: It keeps its hands off what another incident is about
    Given payments-api crash-loops in production after a release
    And somebody set the maximum of the autoscaler of payments-api to 14 in the cluster
    When the drift watch makes its pass
    Then it is refused: "incidents are open on the target"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:change_window/freeze
  Scenario: In a freeze it only tells what it sees
    Given a freeze of payments for everything from Friday 00:00 to Sunday 00:00
    And somebody set the maximum of the autoscaler of payments-api to 14 in the cluster
    When the drift watch makes its pass
    Then it is refused: "freeze busy holds until"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:action/drift_codified
  Scenario: It writes down nothing that data doesn't name
    Given it is next Tuesday 09:00 in UTC
    When the drift watch proposes to write down the count of image-mirror
    Then it is refused: "the drift watch may not write spec.replicas of a Deployment into Git"
    And nothing was opened, merged or spent, and nobody was told of a fix
