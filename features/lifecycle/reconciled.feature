Feature: A pull request is brought into line with what became of it

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api
    And the pull request was reconciled

  Scenario: It says first what is missing and from whom
    Then the check is pending: "2 of team:team-payments"
    And the comment says "2 more of team:team-payments"
    And nothing was merged

  Scenario: Nothing new is written where nothing happened
    When the pull request is reconciled 3 more times
    Then nothing more was decided

  Scenario: A check that somebody else wrote is said again
    When somebody writes a success under the gate's name
    And the pull request is reconciled
    Then the check is pending: "2 of team:team-payments"
    And nothing was merged

  Scenario: It is closed with a note when the incident is over
    When the incident is resolved by hand
    And the pull request is reconciled
    Then it ended as closed
    And its note says "The incident is over"
    And no branch is left
    And no budget is held any more
    And nothing was merged

  Scenario: A branch that a person edited is decided as their change and left alone
    Given somebody changed the branch by hand
    When the pull request is reconciled
    Then it ended as closed
    And its note says "A person changed its branch"
    And the branch is as the person left it
    And the check is no success
    And no budget is held any more
    And nothing was merged
