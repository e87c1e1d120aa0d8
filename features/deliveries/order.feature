Feature: However deliveries come, the end is the same

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api

  Scenario: A delivery that is played again does nothing
    Given alice and bob approved it on the forge, and the gate doesn't know yet
    When the forge says so
    And the gate goes on
    And the same delivery comes 3 times again
    And the gate goes on
    Then the pull request is merged
    And it was merged once

  Scenario: An old delivery brings back nothing
    Given alice approved it on the forge, and the gate doesn't know yet
    When the forge says so
    And the gate goes on
    And somebody closes the pull request on the forge
    And the same delivery comes 1 times again
    And another delivery says that it was opened
    And the gate goes on
    Then it ended as closed
    And nothing was merged
    And nobody was told of a fix

  Scenario: A delivery that never comes is made up for
    Given alice and bob approved it on the forge, and the gate doesn't know yet
    When the gate polls
    Then the pull request is merged

  Scenario: What a delivery claims is not believed
    When another delivery says that it was approved
    And the gate goes on
    Then it waits for two people of team:team-payments
    And nothing was merged
    And nobody was told of a fix
