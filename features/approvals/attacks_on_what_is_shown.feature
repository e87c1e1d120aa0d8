Feature: A review is for what was shown when it was given

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api

  Scenario: A check that somebody else wrote allows nothing
    When somebody writes that the gate allows it
    Then it waits for two people of team:team-payments
    And nothing was merged
    And no budget was committed

  Scenario: A comment that somebody rewrote allows nothing
    When somebody rewrites the gate's comment to say that two people approved
    Then it waits for two people of team:team-payments
    And nothing was merged
    And no budget was committed

  Scenario: An approval whose text was changed afterwards
    When alice approves it and changes the text afterwards
    Then the word of alice doesn't count: "its text was changed afterwards"
    And nothing was merged
    And no budget was committed

  Scenario: An approval of something that the gate never showed
    Given alice approved it before it was opened
    When the pull request is looked at again
    Then the word of alice doesn't count: "it was given before a decision was shown"
    And nothing was merged
    And no budget was committed

  Scenario: A policy by which more is asked wants everybody to look again
    Given alice approved it
    When changes of policy make rolling back want an administrator
    And bob approves it
    Then the word of alice doesn't count: "other rules asked when it was given"
    And nothing was merged
    And no budget was committed
    When alice approves it again
    And bob approves it again
    And erin approves it
    Then it merged
