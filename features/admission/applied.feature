Feature: What GitOps applies of a merged decision is what was decided

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api
    And alice approved it
    And bob approved it

  Scenario: As it was decided
    When GitOps applies payments-api as it was decided
    Then the cluster is told yes

  @rule:receipt/matches
  Scenario: With another image than was decided
    When GitOps applies payments-api with another image
    Then the cluster is told no: "the change is not the one that was decided on"
    And the cluster is told which field departs
    And nothing was merged

  Scenario: In what the action didn't touch
    When GitOps applies payments-api with another replica count
    Then the cluster is told yes

  Scenario: Undoing what somebody changed by hand
    Given somebody changed the image of payments-api by hand
    When GitOps applies payments-api as it was decided
    Then the cluster is told yes

  Scenario: A person's later merge is the later word
    Given a person later merged another image for payments-api
    When GitOps applies payments-api with that image
    Then the cluster is told yes

  Scenario: The later word doesn't free others
    Given a person later merged another image for payments-api
    When GitOps applies payments-api with another image
    Then the cluster is told no: "the change is not the one that was decided on"
    And nothing was merged
