Feature: One pull request for an incident and a target

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api

  Scenario: A later proposal updates it in place
    When another agent proposes to roll back payments-api
    Then it waits for two people of team:team-payments
    And there is 1 open pull request
    And nothing was merged

  Scenario: Closed on the forge, it is closed here and gives its budget back
    When somebody closes the pull request on the forge
    Then it ended as closed
    And no branch is left
    And no budget is held any more
    And nothing was merged
    And nobody was told of a fix

  Scenario: A branch that a person changed is left alone
    Given somebody changed the branch by hand
    When another agent proposes to roll back payments-api
    Then the forge refuses: "holds a commit that the gate didn't make"
    And the branch is as the person left it
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:receipt/matches
  Scenario: What somebody changed afterwards is not what was approved
    Given somebody changed the branch by hand
    When alice approves it
    And bob approves it
    Then it still waits
    And nothing was merged
    And nobody was told of a fix
